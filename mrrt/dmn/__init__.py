"""Decision tables and business knowledge models (DMN 1.5)."""

from mrrt.dmn.table import DecisionTable, HitPolicy, Outcome, Rule, TableError, compile_table, parse_table

__all__ = ["DecisionTable", "HitPolicy", "Outcome", "Rule", "TableError", "compile_table", "parse_table"]
