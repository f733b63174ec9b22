// Preloaded into every measured Node process: answers the bench's questions over the IPC channel, and costs nothing
// between them.
const { Session } = require('node:inspector');

let session;

process.on('message', ({ ask, value }) => {
  const answer = questions[ask];
  if (answer) answer(value, (result) => process.send({ answer: ask, result }));
});
// The channel must not keep a process alive that wants to end.
process.channel?.unref();

const questions = {
  /** Microseconds of CPU so far, all threads: `{user, system}`. */
  cpu(_value, done) {
    done(process.cpuUsage());
  },
  /** Bytes after garbage collection. */
  memory(_value, done) {
    let turns = 4;
    const collect = () => {
      globalThis.gc?.();
      turns -= 1;
      if (turns > 0) setTimeout(collect, 50);
      else done(process.memoryUsage());
    };
    collect();
  },
  /** Starts a CPU profile (`true`), or ends it and returns it. */
  profile(start, done) {
    if (start) {
      session = new Session();
      session.connect();
      session.post('Profiler.enable');
      session.post('Profiler.setSamplingInterval', { interval: 200 });
      session.post('Profiler.start', () => done(true));
    } else session.post('Profiler.stop', (_error, { profile }) => done(profile));
  },
  /** Bytes allocated by function, sampled. */
  heap(start, done) {
    if (start) {
      session = new Session();
      session.connect();
      session.post(
        'HeapProfiler.startSampling',
        { samplingInterval: 4096, includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true },
        () => done(true),
      );
    } else session.post('HeapProfiler.stopSampling', (_error, { profile }) => done(profile));
  },
};

// With this in its environment a process is profiled from here on; asking `profile` with false ends it.
if (process.env.BENCH_PROFILE) questions.profile(true, () => undefined);
