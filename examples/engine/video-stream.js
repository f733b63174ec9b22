// A camera for any number of browsers: each picture replaces the last (multipart/x-mixed-replace).
const { setTimeout: wait } = require('node:timers/promises');
const { ChunkedResponse, Server } = require('@flow-http/node-red-http-server/engine');

const { HOST = '0.0.0.0', PORT = '5000' } = process.env;
const server = new Server({ debug: true });
const boundary = 'picture';

// Put the camera here: anything that returns the bytes of a picture.
let number = 0;
function takePicture() {
  number += 1;
  const colour = `hsl(${(number * 10) % 360} 80% 60%)`;
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="240"><rect width="320" height="240" fill="${colour}"/></svg>`,
  );
}

server.route('/stream', 'GET', (request) => {
  async function* pictures() {
    for (;;) {
      const picture = takePicture();
      yield `--${boundary}\r\nContent-Type: image/svg+xml\r\nContent-Length: ${picture.length}\r\n\r\n`;
      yield picture;
      yield '\r\n';
      await wait(100);
    }
  }
  // Reads no faster than the client takes it, and ends when the client leaves.
  return new ChunkedResponse(request, pictures, { contentType: `multipart/x-mixed-replace; boundary=${boundary}` });
});

server.serveForever(HOST, Number(PORT));
