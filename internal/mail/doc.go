// Package mail sends letters to people.
package mail
