// Package measure knows what a process costs and what else the machine does. It reads Linux interfaces only.
package measure
