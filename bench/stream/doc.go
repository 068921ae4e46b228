// Package stream is the stream that servers are measured with: H.264 and AAC as far as a server looks into them, at the
// times and in the sizes of a real one, with a mark in every packet that tells a viewer whether it is the right one,
// whether it is whole, and when it was sent.
package stream
