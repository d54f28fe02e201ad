// Package signin proves who is at the door.
package signin
