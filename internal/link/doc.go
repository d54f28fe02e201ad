// Package link makes tracked links and counts honest visits.
package link
