// Package access is who may come to an endpoint, whatever protocol it speaks: rules of addresses, stream keys, and
// approvers that are asked about every client.
package access
