// Package feed reads the feeds of sites, however old, as a stream of articles.
package feed
