const drop = document.getElementById('drop');
const input = document.getElementById('files');
const progress = document.getElementById('progress');
const state = document.getElementById('state');
const list = document.getElementById('list');
const none = document.getElementById('none');

/** Bytes for people. */
function sizeText(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

async function refresh() {
  const files = await (await fetch('/api/uploads')).json();
  none.hidden = files.length > 0;
  list.replaceChildren(
    ...files.map(({ name, size }) => {
      const row = document.createElement('li');
      const link = document.createElement('a');
      const bytes = document.createElement('span');
      link.href = `/uploads/${encodeURIComponent(name)}`;
      link.textContent = name;
      bytes.textContent = sizeText(size);
      row.append(link, bytes);
      return row;
    }),
  );
}

/** Sends files; XMLHttpRequest, because fetch tells no progress of what it sends. */
function send(files) {
  if (files.length === 0) return;
  const form = new FormData();
  for (const file of files) form.append('files', file);
  const request = new XMLHttpRequest();
  request.open('POST', '/api/uploads');
  request.setRequestHeader('Accept', 'application/json');
  request.responseType = 'json';
  request.upload.addEventListener('progress', ({ loaded, total }) => {
    progress.value = loaded / total;
    state.textContent = `${sizeText(loaded)} of ${sizeText(total)}`;
  });
  request.addEventListener('loadend', () => {
    progress.hidden = true;
    input.disabled = false;
    input.value = '';
    if (request.status === 201) state.textContent = `Stored: ${request.response.map(({ name }) => name).join(', ')}`;
    else if (request.status === 413) state.textContent = `Too much: ${request.response?.code ?? 'over a limit'}`;
    else state.textContent = `Not stored (${request.status || 'the connection broke'}).`;
    void refresh();
  });
  progress.value = 0;
  progress.hidden = false;
  input.disabled = true;
  request.send(form);
}

input.addEventListener('change', () => send(input.files));
for (const type of ['dragenter', 'dragover', 'dragleave', 'drop'])
  drop.addEventListener(type, (event) => {
    event.preventDefault();
    drop.classList.toggle('over', type === 'dragenter' || type === 'dragover');
    if (type === 'drop') send(event.dataTransfer.files);
  });

await refresh();
