// Package writing says how a text reads, and what in it should be looked at before it goes out.
package writing
