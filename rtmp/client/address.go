package client

import (
	"errors"
	"fmt"
	"net"
	"strings"
)

// Address is an rtmp:// URL taken apart.
type Address struct {
	Host string // with port, as for net.Dial
	App  string
	Key  string // with its query
}

const defaultPort = "1935"

// ParseAddress reads rtmp://host[:port]/app/key?query. What stands before the last slash of the path is the app. Nothing
// is unescaped: servers get app, key and query as they were written.
func ParseAddress(text string) (Address, error) {
	rest, ok := strings.CutPrefix(text, "rtmp://")
	if !ok {
		return Address{}, fmt.Errorf("rtmp/client: the address does not begin with rtmp://")
	}
	host, path, _ := strings.Cut(rest, "/")
	name, query, hasQuery := strings.Cut(path, "?")
	slash := strings.LastIndexByte(name, '/')
	if host == "" || slash < 1 || slash == len(name)-1 {
		return Address{}, fmt.Errorf("rtmp/client: the address is not of the form rtmp://host/app/key")
	}
	a := Address{Host: host, App: name[:slash], Key: name[slash+1:]}
	if hasQuery {
		a.Key += "?" + query
	}
	if _, _, err := net.SplitHostPort(host); err != nil {
		a.Host = net.JoinHostPort(strings.Trim(host, "[]"), defaultPort)
	}
	if _, _, err := net.SplitHostPort(a.Host); err != nil {
		return Address{}, errors.New("rtmp/client: the address has an impossible host") // which may hold a password
	}
	return a, nil
}

// TcURL is the address of the app.
func (a Address) TcURL() string { return "rtmp://" + a.Host + "/" + a.App }
