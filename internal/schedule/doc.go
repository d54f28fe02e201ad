// Package schedule finds the next moment in a company's own time zone.
package schedule
