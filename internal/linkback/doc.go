// Package linkback carries word of the links between a company's site and other people's pages.
package linkback
