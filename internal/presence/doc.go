// Package presence draws the portrait of the company's own voice.
package presence
