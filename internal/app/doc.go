// Package app builds, starts and stops the whole Ponte.
package app
