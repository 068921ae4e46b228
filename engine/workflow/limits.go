package workflow

import "time"

const (
	// workflowsMax is the default of Manager.Limit. A workflow without streams takes some 10 KB, so this is 200 MB.
	workflowsMax = 20_000

	// queuedPacketsMax and queuedBytesMax bound the plain media that waits for one workflow. A workflow of 1,000
	// publishers takes about 77,000 packets (30 frames of video and 47 of audio each) and, at 2.5 Mbit/s, 312 MB in a
	// second, so this is a fifth of a second for them and eight seconds of a single 60 Mbit/s feed. As much again can
	// be in the batch that is being worked off, so a workflow that hangs holds at most 128 MiB of payloads.
	queuedPacketsMax = 16_384
	queuedBytesMax   = 64 << 20

	// headersMax and headerBytesMax are further bounds for what is kept when plain media is dropped already: sequence
	// headers and metadata, which are a few per stream. Only a publisher that sends nothing else gets there.
	headersMax     = 16_384
	headerBytesMax = 16 << 20

	// batchMax bounds what steps are executed with at a time, and so what their outputs keep allocated: 256
	// notifications of 128 B are 32 KB. One execution for 256 notifications is cheap enough.
	batchMax = 256

	// outputKeptMax bounds the room for notifications that an output keeps for its next use: four times a batch.
	outputKeptMax = 4 * batchMax

	// queueKeptMax bounds the room for notifications that an inbox keeps when it is hardly used any more. Two queues
	// of 512 notifications are 128 KB; there may be thousands of workflows.
	queueKeptMax = 512

	// queueCalmMax is how many takes in a row must leave most of a large queue unused before it is given back, so
	// that one which is filled now and then is not allocated each time.
	queueCalmMax = 1000

	// The pause before a workflow in error tries again by itself doubles from the first to the last.
	retryPauseMin = time.Second
	retryPauseMax = 30 * time.Second

	// stopWait is how long a stop waits for the steps to be closed, which takes microseconds unless a step hangs.
	// The whole process has to end within 10 s.
	stopWait = 5 * time.Second

	// dropLogPause is the least time between two log lines that media was dropped.
	dropLogPause = 10 * time.Second
)
