// Fastify with its defaults.
import Fastify from 'fastify';

const app = Fastify();
app.get('/hello/:name', (request, reply) => reply.type('text/html; charset=utf-8').send(request.params.name));
app.post('/echo', { bodyLimit: 16 * 1024 * 1024 }, (request, reply) => reply.send(request.body));
await app.listen({ port: 0, host: '127.0.0.1' });
process.send({ port: app.server.address().port });
