package server

import "time"

// started is where elapsed counts from.
var started = time.Now()

// elapsed is a moment as the time since the process began, for fields that several goroutines share. Time.UnixNano would
// be the wall clock's, and deadlines must not move when somebody sets that.
func elapsed(t time.Time) int64 { return int64(t.Sub(started)) }
