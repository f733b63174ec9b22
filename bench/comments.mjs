// What the report says below the tables of a work: what bounds a figure, and the measurement that shows it.
export const comments = {
  get: `**What bounds it.** \`bare hops\` (\`bench/bare-nodes\`) is the same flow of four nodes with no HTTP work of ours: node:http hands a message
to the first node, the last one writes a fixed head and the body. What it costs more than raw node:http is Node-RED's own message hop
(for each node a \`setImmediate\`, the hooks and a metric call) and the Change node. Ours comes close to it, or below it, though it routes,
checks heads and keeps deadlines, because a whole answer of text goes to the socket in one write: Node makes two pieces of
\`response.end(text)\` and gathers them, which is 14 % of the cost of a bare GET on Node 20 and 6 % on Node 24. \`node bench/profile.mjs\`
shows where the time goes, function by function, and with \`--heap\` what is allocated.`,
  post: `\`JSON.parse\` and \`JSON.stringify\` are most of it, for all. **What bounds it on 5.0.** Bare node:http is itself not four times cheaper than
the core nodes there (compare its row with theirs), so no flow is.`,
  guarded: `In a run where the plain GET took 30 µs on Node 20, each part by itself cost: three default headers 0.5 µs, CORS 3, the access log 6, and
basic auth 6, most of it a digest, before a header that was right was known again without one. Of a log line, most is
Node-RED's own log and Node's \`console.log\`: the last two rows are bare node:http without and with a line of Node-RED's log for each
request, those of one turn of the event loop in one system call, as ours are. The default headers and those of CORS join the
flow's in one flat list, which Node writes without looking at each twice; set one by one they cost 7 and 11 µs.`,
  rules: `The look-up does not grow with the rules (a tree of segments). What grows is \`Node.send\`: for each message Node-RED walks over all outputs
of the node, one for each rule. The last two rows show that alone: the four bare nodes, the second with 1 and with 1000 outputs.`,
  files: `Small files come from memory for half a second after each look at the disk; then \`stat\` decides. **What bounds the small ones** is what
bounds a GET: they cost about what the text of the first work costs, most of it node:http and Node-RED's hops (its \`bare hops\`), which
weighs more where the peers are cheap, as on Node 24. **What bounds the 10 MB.** Node has no
\`sendfile\`: every byte is read into the process and written out again, which is the kernel's share in the table; nginx hands the
file from the page cache to the socket. \`a bare loop in Node\` is the least Node can do: \`fs.read\` and \`response.write\` of 512 KB with
one buffer and nothing else. Pieces matter, since each costs a turn of the event loop and of the thread pool (the same loop with 64 KB
takes twice as long, with 1 MB no less), and so do buffers: \`file-response\` begins with 64 KB and doubles with every piece up to 512 KB, so
that a client that takes nothing holds little, and keeps its buffers for the next transfer, because a megabyte of new ones for each
file sends the garbage collector over all of Node-RED's heap. It does so anyway after a rest: V8 takes the heap of a process that does
nothing for some ten seconds down to the least, and until it has grown again every small load pays for full collections: the first
transfers after a rest cost two to three times as much, in any Node-RED. That is no part of the rows: all are warmed up in turn, so
that none rests.`,
  cache: `A miss resolves the symbolic links of the file, and of a root that is reached by one, before it opens, checks the open file and reads it whole: that is why it
costs more than with \`send\`, which follows links wherever they lead. sirv scans the folder once at its start and does not see changes.`,
  sse: `An event is encoded once for all clients and written with one call each. With few clients the flow itself shows: the function node that
publishes, and its hop to \`sse-out\`.`,
  websocket: `An echo through a flow is what \`ws\` does and one hop of Node-RED: \`Node.send\`, its hooks and three calls of its metrics, for us as for
the core nodes. A broadcast frame is made once and written with one call to each client. **What bounds it.** That call: \`a bare
loop in Node\` knows no more of WebSockets than to unmask a frame and to write it to every socket, and the kernel's share of it is
the same. \`node bench/profile.mjs socket\` (or \`broadcast\`) shows where the time goes, with \`--raw\` that of \`ws\`.`,
  start: `**What bounds it.** \`the pack without what it does\` has the same dialogs, help and texts in five languages, but node types of one line, and no
server: what Node-RED itself does for a pack that looks like this one, most of the memory included. What comes on top is ours, but
both are differences of two numbers of a second and more that scatter by some 20 ms. The last verdict is no difference but
a profile of the start that counts what is in functions of the pack and in what they call, more than half of it reading and compiling its files. Registering
the twelve types loads 19 modules and a server with in, route and response some 85 of about 220 (held by
\`test/nodes/lazy-loading.test.ts\`), a third of a millisecond each: the pack ships file by file, unbundled, so that what runs can be
read where it runs.`,
  idle: `The verdicts go by the JavaScript heap and the buffers outside of it. Resident memory counts all there is, but grows by whole pages and
moves into pages that are free: it scatters by several KB a client from run to run. **What bounds the WebSocket.** A client keeps what
every message of it tells the flow (\`upgrade\`: path, parameters, query, headers, cookies, address, user), about 560 bytes in this
measurement, where the raw server forgets the request.`,
  upload: `\`engine\` is the server alone, \`flow\` the same through Node-RED. The first upload of a process also pays for memory that Node keeps.`,
  latency: `Latency counts from the moment a request is due, so that a server that stands still cannot hide it. The p99 of a run of
some seconds is a handful of pauses: on one day the ratio was 1.3 and 1.9 on 4.1, 3.8 and 12.9 on 5.0, with the p50 level.`,
  bodies: `One setting is no default here: \`bodyLimit\` is 16 MB, because 5 MB would refuse the last size. From some 10 KB on \`JSON.parse\` and
\`JSON.stringify\` are most of it, the same for all. **What is left** from 100 KB on, by \`node bench/profile.mjs large-echo\` with and without
\`--raw\`: the garbage collector. With 32 clients the values of many requests live at once, because a message waits its turn between the
nodes, where the raw server answers before it reads the next one. The rest is the look at how deep the JSON nests.`,
};
