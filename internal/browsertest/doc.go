// Package browsertest drives pages in a real browser in tests, and bears with pages that change meanwhile.
package browsertest
