// Package delivery brings one message out exactly once and says how it went.
package delivery
