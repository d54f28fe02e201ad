// Package clock tells the time and lets tests set it.
package clock
