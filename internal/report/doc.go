// Package report sets what goes into social media beside what comes out, and says how sure that is.
package report
