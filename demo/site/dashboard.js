const kept = 120;
const values = [];
let count = 0;

const byId = (id) => document.getElementById(id);
const say = (text) => (byId('state').textContent = text);

/** A line as wide as the chart, the latest value at its right end. */
function draw(name) {
  const from = kept - values.length;
  const points = values.map((value, index) => `${from + index},${100 - value[name]}`);
  document.querySelector(`polyline.${name}`).setAttribute('points', points.join(' '));
  byId(name).textContent = `${values.at(-1)[name]} %`;
}

// Without an id a newcomer gets nothing of the past; an unknown one brings everything that is kept. From then on the
// browser reconnects by itself and names the last event it has seen.
const events = new EventSource('/live/events?lastEventId=none');
events.addEventListener('load', ({ data }) => {
  values.push(JSON.parse(data));
  if (values.length > kept) values.shift();
  count += 1;
  byId('count').textContent = count;
  draw('load');
  draw('memory');
});
events.onopen = () => say(`Connected since ${new Date().toLocaleTimeString()}.`);
events.onerror = () => say('Connection lost. The browser reconnects by itself.');
