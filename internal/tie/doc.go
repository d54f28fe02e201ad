// Package tie says who is tied to whom, how strongly, and through whom new people are reached.
//
// A Log of events goes in (Read, or filled by hand); Build makes a graph of it, and everything else is read from the
// graph. The package uses the standard library alone, keeps no state of its own, starts no work that outlives a call,
// and gives the same answer for the same input and seed.
package tie
