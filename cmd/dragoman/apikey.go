package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/internal/tenancy"
)

// newAPIKeyCommand makes, lists and revokes the keys of the REST API.
func newAPIKeyCommand() *cobra.Command {
	var namespace string
	cmd := &cobra.Command{
		Use:   "apikey",
		Short: "Make, list and revoke keys of the REST API",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().StringVarP(&namespace, "namespace", "n", "default", "namespace of the account")
	cmd.AddCommand(newAPIKeyCreateCommand(&namespace), newAPIKeyListCommand(&namespace), newAPIKeyRevokeCommand(&namespace))
	return cmd
}

func newAPIKeyCreateCommand(namespace *string) *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Make a key and print it, this once",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := keyStore()
			if err != nil {
				return err
			}
			return createKey(cmd.Context(), store, *namespace, name, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVar(&name, "name", "default", "what the key is for")
	return cmd
}

// createKey prints the key alone on out, so that a script can take it.
func createKey(ctx context.Context, store *tenancy.Store, namespace, name string, out, notes io.Writer) error {
	value, key, err := store.Create(ctx, namespace, name)
	if err != nil {
		return err
	}
	fmt.Fprintf(notes, "key %q of account %q, hash %s; it is not shown again:\n", key.Name, key.Account, key.Hash[:16])
	_, err = fmt.Fprintln(out, value)
	return err
}

func newAPIKeyListCommand(namespace *string) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the keys of an account, without their values",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := keyStore()
			if err != nil {
				return err
			}
			keys, err := store.List(cmd.Context(), *namespace)
			if err != nil {
				return err
			}
			return printKeys(keys, cmd.OutOrStdout())
		},
	}
}

func printKeys(keys []tenancy.Key, out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 4, 3, ' ', 0)
	fmt.Fprintln(table, "NAME\tHASH\tCREATED")
	for _, key := range keys {
		fmt.Fprintf(table, "%s\t%s\t%s\n", key.Name, key.Hash[:16], key.CreatedAt.Format(time.RFC3339))
	}
	return table.Flush()
}

func newAPIKeyRevokeCommand(namespace *string) *cobra.Command {
	return &cobra.Command{
		Use:   "revoke NAME|HASH",
		Short: "Revoke a key, named by its name or the first 8 or more digits of its hash",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			store, err := keyStore()
			if err != nil {
				return err
			}
			key, err := store.Revoke(cmd.Context(), *namespace, args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "revoked key %q of account %q, hash %s\n", key.Name, key.Account, key.Hash[:16])
			return err
		},
	}
}

// keyStore reaches the cluster that KUBECONFIG or the usual places name.
func keyStore() (*tenancy.Store, error) {
	cfg, err := ctrl.GetConfig()
	if err != nil {
		return nil, fmt.Errorf("find the cluster: %w", err)
	}
	direct, err := client.New(cfg, client.Options{})
	if err != nil {
		return nil, fmt.Errorf("reach the cluster: %w", err)
	}
	return &tenancy.Store{Client: direct, Random: rand.Reader, Now: time.Now}, nil
}
