// Addresses: where a stream can be watched, and what a workflow lacks for it.

/** Joins host and port; an IPv6 address gets its brackets. */
function authority(host, port, usual) {
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return port === usual ? name : `${name}:${port}`;
}

/** The RTMP address of an app, which encoders call the server. */
export function serverOf({ use_tls: tls, port, rtmp_app: app }, host) {
  const [scheme, usual] = tls ? ['rtmps', 443] : ['rtmp', 1935];
  return `${scheme}://${authority(host, port, usual)}/${app}`;
}

/**
 * The addresses of an output, as they are typed into players.
 * @param {{protocol: string, port: number, use_tls: boolean, rtmp_app: string, stream_key: string, paths?: string[]}} output
 * @param {string} host by which this page reaches the server
 * @returns {string[]}
 */
export function addressesOf(output, host) {
  if (output.protocol === 'rtmp') return [`${serverOf(output, host)}/${output.stream_key}`];
  const [scheme, usual] = output.use_tls ? ['https', 443] : ['http', 80];
  return (output.paths ?? []).map((path) => `${scheme}://${authority(host, output.port, usual)}${path}`);
}

/** The line that lets players watch a workflow's streams by HTTP. A stream that ffmpeg brings has no app to take over. */
export function watchLine(stream) {
  return `http_watch app=${word(stream.rtmp_app || 'live')} stream_key=*`;
}

/** A value as the configuration language writes it: with anything unusual in it, in quotation marks. */
export function word(value) {
  return /^[\w\-./*:,]+$/.test(value ?? '') ? value : `"${value ?? ''}"`;
}
