// A directory browser: a page made from a template, every name escaped.
const fs = require('node:fs/promises');
const path = require('node:path');
const { FileResponse, Response, Server, escapeHtml } = require('@flow-http/node-red-http-server/engine');

const { HOST = '0.0.0.0', PORT = '5000' } = process.env;
const root = path.join(__dirname, 'static');
const server = new Server({ debug: true });

const listing = (folder, entries) => `<!doctype html>
<meta charset="utf-8">
<title>${escapeHtml(folder)}</title>
<h1>${escapeHtml(folder)}</h1>
<ul>${entries
  .map(({ name, isFolder }) => {
    const target = encodeURIComponent(path.posix.join(folder, name));
    return `<li><a href="/?path=${target}">${escapeHtml(name)}${isFolder ? '/' : ''}</a></li>`;
  })
  .join('')}</ul>`;

server.route('/', 'GET', async (request) => {
  // Normalised below "/": `..` cannot climb out of the root.
  const asked = path.posix.join('/', request.queryParams.get('path', '/', { safe: false }));
  const place = path.join(root, asked);
  const stats = await fs.stat(place).catch(() => undefined);
  if (!stats?.isDirectory()) return new FileResponse(request, asked, root);
  const entries = await fs.readdir(place, { withFileTypes: true });
  const shown = entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
  return new Response(request, listing(asked, shown), { contentType: 'text/html' });
});

server.serveForever(HOST, Number(PORT));
