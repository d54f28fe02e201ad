// Package mention reads and writes what sites tell each other about the links between their pages.
package mention
