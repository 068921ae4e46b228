//go:build !amd64

package main

const clockCode = "" // nobody has written it
