// What the report says below the tables of a work: what bounds a figure, and the measurement that shows it.
export const comments = {
  get: `**What bounds it.** \`bare hops\` (\`bench/bare-nodes\`) is the same flow of four nodes with no HTTP work of ours: node:http hands a message
to the first node, the last one writes a fixed head and the body. What it costs more than raw node:http is Node-RED's own message hop
(for each node a \`setImmediate\`, the hooks and a metric call) and the Change node; nothing built of nodes goes below it. It alone takes
raw node:http's figure to about 0.75 of itself, so 0.75 of raw node:http is out of reach for a flow of four nodes here, and what is ours
is the small rest between \`ours\` and \`bare hops\`: routing, head checks, deadlines, one answer. \`node bench/profile.mjs\` shows where it
goes, function by function, and with \`--heap\` what is allocated.`,
  guarded: `**What bounds it.** The access log is a line of Node-RED's log for each response, and Node-RED formats each and hands it to
\`console.log\`. Ours go out together, those of one turn of the event loop in one system call; the last row is the plain GET with a
function node that does nothing but \`node.log\` of such a line. The rest (basic auth, CORS, three headers) has a longer request to read and
a longer head to write.`,
  rules: `The look-up does not grow with the rules (a tree of segments). What grows is \`Node.send\`: for each message Node-RED walks over all outputs
of the node, one for each rule, which shows from some thousands of rules on.`,
  files: `Small files come from memory for half a second after each look at the disk; then \`stat\` decides. **What bounds the 10 MB.** Node has no
\`sendfile\`: every byte is read into the process and written out again, which is the kernel's share in the table, for \`send\` as for us;
nginx hands the file from the page cache to the socket. The rest goes by the piece: a bare loop of \`fs.read\` and \`response.write\` took
12.2 ms of CPU for 10 MB in pieces of 64 KB, 7.2 in pieces of 256 KB, 5.0 in pieces of 512 KB and 4.0 in pieces of 1 MB, beside 6.0 for nginx
in the same run. \`file-response\` begins with 64 KB and doubles with every piece up to 512 KB, so that a client that takes nothing holds little.`,
  cache: `A miss resolves symbolic links of the file and of its folder before it opens, checks the open file and reads it whole: that is why it
costs more than with \`send\`, which follows links wherever they lead. sirv scans the folder once at its start and does not see changes.`,
  sse: `An event is encoded once for all clients and written with one call each. With few clients the flow itself shows: the function node that
publishes, and its hop to \`sse-out\`.`,
  websocket: `An echo through a flow is what \`ws\` does and one hop of Node-RED: \`Node.send\`, its hooks and three calls of its metrics, for us as for
the core nodes. A broadcast frame is made once and written with one call to each client. **What bounds it.** That call: the kernel's
share is the same for all, and with Node's own \`socket.write\` around it leaves little to gain, however the frames are made.
\`node bench/profile.mjs socket\` (or \`broadcast\`) shows where the time goes, with \`--raw\` that of \`ws\`.`,
  start: `**What bounds it.** The pack ships its modules as they are written, file by file and unbundled: some 160 of them are read and compiled when
Node-RED loads its twelve node types, at about half a millisecond each on this machine, and that is nearly all of it
(\`node:module\` hooks show it): requiring the twelve nodes took 102 to 119 ms of CPU in a bare process, and the same code bundled by
esbuild into one file of 580 KB 49 to 63 ms. One file would so be near the target; it is not what is shipped, because the modules stay
readable where they run. Libraries, event streams, WebSockets and the ways to come in are loaded when a flow first uses them (held by
\`test/nodes/lazy-loading.test.ts\`). Both rows grow with whatever else the machine does: compare them within one run.`,
  idle: `Resident memory counts all there is (sockets, parsers, JavaScript), but a process that has just started Node-RED has room in its heap, so
the columns of the JavaScript heap tell more of what a client of ours keeps: its request and response, the address and path a flow may
ask for, and the entries of limits and deadlines.`,
  upload: `\`engine\` is the server alone, \`flow\` the same through Node-RED. The first upload of a process also pays for memory that Node keeps.`,
  latency: `Latency counts from the moment a request is due, so that a server that stands still cannot hide it.`,
  bodies: `One setting is no default here: \`bodyLimit\` is 16 MB, because 5 MB would refuse the last size. From some 10 KB on \`JSON.parse\` and
\`JSON.stringify\` are nearly all of it.`,
};
