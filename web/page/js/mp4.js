// Boxes of fragmented MP4 (ISO/IEC 14496-12), as far as a player needs them: where each ends, and which codecs the tracks have.

const BOX_BYTES_MAX = 64 << 20; // a fragment has one frame or a few; this is far beyond any

/**
 * @typedef {{type: string, bytes: Uint8Array}} Box
 */

/** Cuts a stream of bytes into its boxes. */
export class BoxReader {
  constructor() {
    this.chunks = [];
    this.size = 0;
  }

  /**
   * Takes a chunk and returns the boxes that it completes.
   * @param {Uint8Array} chunk
   * @returns {Box[]}
   */
  feed(chunk) {
    this.chunks.push(chunk);
    this.size += chunk.length;
    const boxes = [];
    for (;;) {
      const length = this.nextLength();
      if (length === null || this.size < length) return boxes;
      const bytes = this.take(length);
      boxes.push({ type: typeAt(bytes, 4), bytes });
    }
  }

  // The length of the next box, or null while its header has not come.
  nextLength() {
    if (this.size < 8) return null;
    this.join(16);
    const view = viewOf(this.chunks[0]);
    let length = view.getUint32(0);
    if (length === 1) {
      if (this.size < 16) return null;
      length = Number(view.getBigUint64(8));
    }
    if (length < 8 || length > BOX_BYTES_MAX) throw new Error('this is no live MP4');
    return length;
  }

  // Makes the first chunk so long, as far as there is something.
  join(length) {
    while (this.chunks.length > 1 && this.chunks[0].length < length) {
      this.chunks.splice(0, 2, concat([this.chunks[0], this.chunks[1]]));
    }
  }

  take(length) {
    const whole = concat(this.chunks);
    this.chunks = whole.length > length ? [whole.subarray(length)] : [];
    this.size -= length;
    return whole.subarray(0, length);
  }
}

/** Joins pieces of bytes. */
export function concat(pieces) {
  if (pieces.length === 1) return pieces[0];
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const typeAt = (bytes, at) => String.fromCharCode(...bytes.subarray(at, at + 4));

/**
 * The tracks of a moov box.
 * @param {Uint8Array} moov the whole box
 * @returns {Array<{kind: 'video'|'audio', codec: string}>} codec as RFC 6381 writes it
 */
export function tracksOf(moov) {
  const tracks = [];
  for (const trak of children(moov.subarray(8), 'trak')) {
    const stsd = descend(trak, ['mdia', 'minf', 'stbl', 'stsd']);
    if (!stsd) continue;
    for (const entry of boxes(stsd.subarray(8))) {
      const track = READERS[entry.type]?.(entry);
      if (track) tracks.push(track);
    }
  }
  return tracks;
}

/** The type of a media source for these tracks. */
export function mimeOf(tracks) {
  const kind = tracks.some((track) => track.kind === 'video') ? 'video' : 'audio';
  return `${kind}/mp4; codecs="${tracks.map((track) => track.codec).join(', ')}"`;
}

// The boxes in the content of a box.
function* boxes(bytes) {
  const view = viewOf(bytes);
  for (let at = 0; at + 8 <= bytes.length;) {
    const length = view.getUint32(at);
    if (length < 8 || at + length > bytes.length) return;
    yield { type: typeAt(bytes, at + 4), content: bytes.subarray(at + 8, at + length) };
    at += length;
  }
}

function* children(bytes, type) {
  for (const box of boxes(bytes)) if (box.type === type) yield box.content;
}

function descend(bytes, path) {
  let now = bytes;
  for (const type of path) {
    now = children(now, type).next().value;
    if (!now) return null;
  }
  return now;
}

// What stands before the boxes in an entry of stsd.
const VIDEO_ENTRY = 78;
const AUDIO_ENTRY = 28;

const video = (box, codec) => ({ type, content }) => {
  const [config] = children(content.subarray(VIDEO_ENTRY), box);
  return config && { kind: 'video', codec: codec(config, type) };
};
const audio = (codec) => () => ({ kind: 'audio', codec });

const READERS = {
  avc1: video('avcC', avc),
  avc3: video('avcC', avc),
  hvc1: video('hvcC', hevc),
  hev1: video('hvcC', hevc),
  av01: video('av1C', av1),
  vp09: video('vpcC', vp9),
  mp4a: ({ content }) => {
    const [esds] = children(content.subarray(AUDIO_ENTRY), 'esds');
    return { kind: 'audio', codec: esds ? aac(esds) : 'mp4a.40.2' };
  },
  Opus: audio('opus'),
  fLaC: audio('flac'),
  'ac-3': audio('ac-3'),
  'ec-3': audio('ec-3'),
  '.mp3': audio('mp3'),
};

const hex = (value) => value.toString(16).padStart(2, '0');
const two = (value) => String(value).padStart(2, '0');

function avc(config, type) {
  return `${type}.${hex(config[1])}${hex(config[2])}${hex(config[3])}`;
}

// ISO/IEC 14496-15, annex E.3.
function hevc(config, type) {
  const space = ['', 'A', 'B', 'C'][config[1] >> 6];
  const tier = config[1] & 0x20 ? 'H' : 'L';
  let flags = viewOf(config).getUint32(2);
  let reversed = 0;
  for (let i = 0; i < 32; i++, flags >>>= 1) reversed = (reversed << 1) | (flags & 1);
  const constraints = [...config.subarray(6, 12)];
  while (constraints.length > 0 && constraints.at(-1) === 0) constraints.pop();
  return [type, space + (config[1] & 0x1f), (reversed >>> 0).toString(16), tier + config[12], ...constraints.map((byte) => byte.toString(16))].join('.');
}

// AV1 codec ISO media file format binding, section 5.
function av1(config) {
  const depth = config[2] & 0x40 ? (config[2] & 0x20 ? 12 : 10) : 8;
  return `av01.${config[1] >> 5}.${two(config[1] & 0x1f)}${config[2] & 0x80 ? 'H' : 'M'}.${two(depth)}`;
}

// VP codec ISO media file format binding.
function vp9(config) {
  return `vp09.${two(config[4])}.${two(config[5])}.${two(config[6] >> 4)}`;
}

// The audio object type is in the decoder's configuration, deep in descriptors (ISO/IEC 14496-1, section 7.2.6).
function aac(esds) {
  const at = esds.indexOf(0x05, 4);
  for (let i = at; i > 0 && i < esds.length - 2; i = esds.indexOf(0x05, i + 1)) {
    let begin = i + 1;
    while (esds[begin] & 0x80) begin++;
    if (begin + 1 < esds.length && esds[begin] >= 2 && begin + esds[begin] < esds.length + 1) {
      const type = esds[begin + 1] >> 3;
      if (type >= 1 && type <= 30) return `mp4a.40.${type}`;
      if (type === 31) return `mp4a.40.${32 + ((esds[begin + 1] & 7) << 3 | esds[begin + 2] >> 5)}`;
    }
  }
  return 'mp4a.40.2';
}
