// Package figures is what the server shows of itself while it works: live streams with their codecs, rates and outputs,
// connections, and the counters behind them.
//
// Whoever works on a stream measures it with plain numbers of its own and makes them known once a second ([Meter]); nothing
// here is touched for a frame or for a viewer. Whoever wants to know asks the endpoints, which take a look at their tables
// ([View]). An endpoint of another protocol takes part by implementing [Endpoint].
package figures
