// A form of any of the three kinds, a file among its fields.
const { GET, POST, Response, Server } = require('@flow-http/node-red-http-server/engine');

const { HOST = '0.0.0.0', PORT = '5000' } = process.env;
const server = new Server({ debug: true });

const page = (enctype, result = '') => `<!doctype html>
<title>Form</title>
<form action="/form" method="post" enctype="${enctype}">
  <input name="something" placeholder="Type something">
  <input name="file" type="file">
  <button>Send</button>
</form>${result}`;

server.route('/form', GET, (request) => {
  const enctype = request.queryParams.get('enctype', 'multipart/form-data');
  return new Response(request, page(enctype), { contentType: 'text/html' });
});

server.route('/form', POST, (request) => {
  const { formData } = request;
  // `get` escapes HTML: the text may go into a page.
  const text = formData.get('something', '');
  const file = formData.files.get('file');
  const about = file
    ? `<p>File ${file.filename.length} characters of name, ${file.size} bytes, ${file.contentType}</p>`
    : '';
  return new Response(request, page(formData.contentType, `<p>${formData.contentType}: ${text}</p>${about}`), {
    contentType: 'text/html',
  });
});

server.serveForever(HOST, Number(PORT));
