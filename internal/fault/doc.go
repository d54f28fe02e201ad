// Package fault names what can go wrong and says it safely.
package fault
