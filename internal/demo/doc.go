// Package demo fills a house with Ceramiche Arno, a company that does not exist.
package demo
