package postgres

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// queryError says what could not be done. The text of a translation never comes
// with it: a server may quote a value that it does not like.
type queryError struct {
	op, why string
	err     error
}

func (e *queryError) Error() string { return e.op + ": " + e.why }

// Unwrap is for errors.As; what it returns is not for the log.
func (e *queryError) Unwrap() error { return e.err }

func failure(op string, err error) error {
	refused, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return fmt.Errorf("%s: %w", op, err)
	}
	why := fmt.Sprintf("%s: %s (SQLSTATE %s)", refused.Severity, refused.Message, refused.Code)
	if quotesValues(refused.Code) {
		why = fmt.Sprintf("%s: SQLSTATE %s", refused.Severity, refused.Code)
	}
	return &queryError{op: op, why: why, err: err}
}

// connectionLost says whether the server never answered, or answered that it ends
// (57P) or has lost the connection (08).
func connectionLost(err error) bool {
	refused, ok := errors.AsType[*pgconn.PgError](err)
	return !ok || strings.HasPrefix(refused.Code, "57P") || strings.HasPrefix(refused.Code, "08")
}

// quotesValues says whether the messages of an error's class may quote what was
// sent: 21 to 23 are about values, P0 is raised by code in the database, and XX is a
// fault of the server.
func quotesValues(code string) bool {
	if len(code) < 2 {
		return true
	}
	switch code[:2] {
	case "21", "22", "23", "P0", "XX":
		return true
	}
	return false
}
