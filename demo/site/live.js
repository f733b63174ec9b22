const list = document.getElementById('values');
const state = document.getElementById('state');

const labels = {
  temperature: ['CPU temperature', (value) => `${value.toFixed(1)} °C`],
  load: ['Load (1 min)', (value) => value[0].toFixed(2)],
  memory: ['Memory used', (value) => `${Math.round((100 * value.used) / value.total)} %`],
  uptime: ['Uptime', (value) => duration(value)],
  cpus: ['Processors', (value) => String(value)],
  hostname: ['Name', (value) => value],
};

/** Seconds as days, hours and minutes. */
function duration(seconds) {
  const days = Math.floor(seconds / 86400);
  const hours = Math.floor((seconds % 86400) / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return days > 0 ? `${days} d ${hours} h` : `${hours} h ${minutes} min`;
}

async function refresh() {
  try {
    const response = await fetch('/api/system');
    if (!response.ok) throw new Error(`status ${response.status}`);
    const values = await response.json();
    list.replaceChildren(
      ...Object.entries(labels)
        .filter(([name]) => values[name] !== null && values[name] !== undefined)
        .map(([name, [label, show]]) => {
          const row = document.createElement('div');
          const term = document.createElement('dt');
          const value = document.createElement('dd');
          term.textContent = label;
          value.textContent = show(values[name]);
          row.append(term, value);
          return row;
        }),
    );
    state.textContent = `Updated ${new Date().toLocaleTimeString()}`;
  } catch (error) {
    state.textContent = `No answer (${error.message}). Trying again.`;
  }
}

await refresh();
setInterval(refresh, 2000);
