// publish.mjs [-re] OUTPUT INPUT...
//
// Copies the streams of all inputs into one FLV, a file or an RTMP URL, with the muxer of FFmpeg 8: enhanced codecs, and
// several tracks of a kind. With -re that takes as long as the media.
import { setTimeout as sleep } from 'node:timers/promises';
import { AVIO_FLAG_WRITE } from 'node-av/constants';
import { FormatContext, IOContext, Packet } from 'node-av/lib';
import { check, readArguments } from './common.mjs';

const { flags, rest: [output, ...inputs] } = readArguments();

const muxer = new FormatContext();
check(muxer.allocOutputContext2(null, 'flv', output));
const sources = [];
for (const input of inputs) sources.push(await open(input));
const io = new IOContext();
check(await io.open2(output, AVIO_FLAG_WRITE));
muxer.pb = io;
check(await muxer.writeHeader());

const begun = performance.now();
for (let source = earliest(); source; source = earliest()) {
  if (flags.has('-re')) await sleep(Math.max(0, seconds(source) * 1000 - (performance.now() - begun)));
  const { packet, demuxer, outputs } = source;
  const output = outputs[packet.streamIndex];
  packet.rescaleTs(demuxer.streams[packet.streamIndex].timeBase, output.timeBase);
  packet.streamIndex = output.index;
  check(await muxer.interleavedWriteFrame(packet));
  await advance(source);
}
check(await muxer.writeTrailer());
await io.closep();

// open adds the streams of a file to the output and reads its first packet.
async function open(input) {
  const source = { demuxer: new FormatContext(), packet: new Packet(), outputs: [], more: true };
  source.packet.alloc();
  check(await source.demuxer.openInput(input));
  check(await source.demuxer.findStreamInfo(null));
  for (const { codecpar } of source.demuxer.streams) {
    const output = muxer.newStream(null);
    check(codecpar.copy(output.codecpar));
    output.codecpar.codecTag = 0;
    source.outputs.push(output);
  }
  await advance(source);
  return source;
}

async function advance(source) {
  source.packet.unref();
  source.more = (await source.demuxer.readFrame(source.packet)) >= 0;
}

// earliest is the source whose packet is next in time.
function earliest() {
  return sources.filter((s) => s.more).sort((a, b) => seconds(a) - seconds(b))[0];
}

function seconds({ demuxer, packet }) {
  const { num, den } = demuxer.streams[packet.streamIndex].timeBase;
  return (Number(packet.dts) * num) / den;
}
