import { AV_LOG_ERROR } from 'node-av/constants';
import { FFmpegError, Log } from 'node-av/lib';

Log.setLevel(AV_LOG_ERROR);

// check ends the program when FFmpeg returns an error.
export function check(code) {
  FFmpegError.throwIfError(code);
}

// readArguments takes flags, and options of FFmpeg (-o NAME=VALUE), off the command line.
export function readArguments() {
  const rest = process.argv.slice(2);
  const flags = new Set();
  const options = {};
  while (rest[0]?.startsWith('-')) {
    const flag = rest.shift();
    if (flag !== '-o') {
      flags.add(flag);
      continue;
    }
    const [, name, value] = rest.shift().match(/^([^=]+)=(.*)$/);
    options[name] = value;
  }
  return { flags, options, rest };
}
