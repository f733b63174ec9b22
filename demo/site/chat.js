const byId = (id) => document.getElementById(id);
const say = (text) => (byId('state').textContent = text);

const name = byId('name');
name.value = globalThis.localStorage.getItem('name') ?? `Guest ${Math.ceil(Math.random() * 99)}`;
name.addEventListener('change', () => {
  globalThis.localStorage.setItem('name', name.value);
  // The name is part of the handshake: come again under the new one.
  socket.close();
});

let socket;
let pause = 500;

function connect() {
  const address = new URL('/live/chat', location.href);
  address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  address.searchParams.set('name', name.value);
  socket = new WebSocket(address);
  socket.onopen = () => {
    pause = 500;
    say('Connected.');
  };
  socket.onmessage = ({ data }) => show(JSON.parse(data));
  // Unlike an event stream, a WebSocket has to be reopened by the page: a little later each time.
  socket.onclose = () => {
    say('Connection closed. Trying again.');
    setTimeout(connect, pause);
    pause = Math.min(2 * pause, 10_000);
  };
}

function show({ from, text }) {
  const line = document.createElement('li');
  if (from !== undefined) {
    const who = document.createElement('b');
    who.textContent = from;
    line.append(who, ' ');
  } else line.className = 'note';
  line.append(text);
  byId('log').append(line);
  line.scrollIntoView({ block: 'nearest' });
}

byId('say').addEventListener('submit', (event) => {
  event.preventDefault();
  if (socket.readyState !== WebSocket.OPEN) return;
  socket.send(byId('text').value);
  byId('text').value = '';
});

connect();
