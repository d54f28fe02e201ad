// Package i18n turns message keys into Italian or English, with plurals, numbers and dates.
package i18n
