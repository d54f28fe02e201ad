// Package journey walks the journeys of the product from end to end, on real servers and in a real browser.
package journey
