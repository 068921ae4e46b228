// watch.mjs [-o NAME=VALUE]... INPUT
//
// Reads an FLV, a file or an RTMP URL, with the demuxer of FFmpeg 8. For each packet, and for each track when its first
// packet comes, it prints a line of JSON. Options are those of FFmpeg's protocols and demuxer.
import { createHash } from 'node:crypto';
import { Dictionary, FormatContext, InputFormat, Packet, avGetCodecName } from 'node-av/lib';
import { check, readArguments } from './common.mjs';

const { options, rest: [input] } = readArguments();
const demuxer = new FormatContext();
check(await demuxer.openInput(input, InputFormat.findInputFormat('flv'), Dictionary.fromObject(options)));

const packet = new Packet();
packet.alloc();
const seen = new Set();
while ((await demuxer.readFrame(packet)) >= 0) {
  const { index, codecpar } = demuxer.streams[packet.streamIndex];
  if (!seen.has(index)) {
    seen.add(index);
    print({ track: index, codec: avGetCodecName(codecpar.codecId), extradata: hash(codecpar.extradata) });
  }
  print({
    track: index, dts: Number(packet.dts), pts: Number(packet.pts), key: packet.isKeyframe,
    size: packet.size, hash: hash(packet.data),
  });
  packet.unref();
}

function hash(bytes) {
  return bytes ? createHash('sha256').update(bytes).digest('hex') : '';
}

function print(line) {
  process.stdout.write(JSON.stringify(line) + '\n');
}
