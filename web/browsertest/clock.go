package browsertest

import (
	"fmt"
	"io"
	"math"
	"slices"
	"time"
)

// A clock stream shows in each picture when it was made, for cameras that read it: 16 bars, black or white, are the
// milliseconds since 1970 modulo 65,536. From the picture on a page follows how far it is behind.
const (
	ClockWidth  = 320
	ClockHeight = 96
	ClockRate   = 30 // pictures per second
	clockBits   = 16
)

// WriteClock writes pictures of 8-bit grey (ffmpeg: rawvideo, gray) in their time, until writing fails.
func WriteClock(to io.Writer) {
	picture := make([]byte, ClockWidth*ClockHeight)
	begin := time.Now()
	for n := 0; ; n++ {
		time.Sleep(time.Until(begin.Add(time.Duration(n) * time.Second / ClockRate)))
		paintClock(picture, uint16(time.Now().UnixMilli()))
		if _, err := to.Write(picture); err != nil {
			return
		}
	}
}

func paintClock(picture []byte, value uint16) {
	for i := range picture {
		bar := i % ClockWidth * clockBits / ClockWidth
		picture[i] = 235 * byte(value>>(clockBits-1-bar)&1)
	}
}

// readClock returns, for each picture that the video on a page shows within so many milliseconds, how many it is behind.
const readClock = `ms => new Promise(resolve => {
	const video = document.querySelector('video');
	const context = Object.assign(document.createElement('canvas'), {width: 320, height: 96}).getContext('2d', {willReadFrequently: true});
	const delays = [];
	const look = () => {
		context.drawImage(video, 0, 0, 320, 96);
		const row = context.getImageData(0, 48, 320, 1).data;
		let value = 0;
		for (let bar = 0; bar < 16; bar++) value = value * 2 + (row[(bar * 20 + 10) * 4] > 117 ? 1 : 0);
		delays.push((Date.now() - value) & 65535);
		video.requestVideoFrameCallback(look);
	};
	video.requestVideoFrameCallback(look);
	setTimeout(() => resolve(delays), ms);
})`

// ClockDelays returns how long the pictures that the page shows within a time are behind their making, ascending.
func (p *Page) ClockDelays(during time.Duration) []time.Duration {
	p.t.Helper()
	var ms []int64
	p.Eval(fmt.Sprintf("(%s)(%d)", readClock, during.Milliseconds()), &ms)
	delays := make([]time.Duration, len(ms))
	for i, delay := range ms {
		delays[i] = time.Duration(delay) * time.Millisecond
	}
	slices.Sort(delays)
	return delays
}

// Percentile returns the value that so many percent of ascending ones do not exceed.
func Percentile(ascending []time.Duration, percent float64) time.Duration {
	if len(ascending) == 0 {
		return math.MaxInt64
	}
	return ascending[min(len(ascending)-1, int(float64(len(ascending))*percent/100))]
}
