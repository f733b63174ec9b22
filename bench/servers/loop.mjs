// The least Node can do to send a file: read a piece, write it, and again. Argument: the folder.
import fs from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const [root] = process.argv.slice(2);
const pieceSize = 512 * 1024;

const server = createServer((request, response) => {
  fs.open(join(root, request.url), 'r', (_, descriptor) => {
    const { size } = fs.fstatSync(descriptor);
    const piece = Buffer.allocUnsafeSlow(pieceSize);
    let position = 0;
    response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': size });
    const next = () => {
      if (position >= size) {
        response.end();
        fs.close(descriptor, () => undefined);
        return;
      }
      fs.read(descriptor, piece, 0, pieceSize, position, (_, length) => {
        position += length;
        response.write(piece.subarray(0, length), next);
      });
    };
    next();
  });
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
