import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';

@Entity({ name: 'user_account' })
export class UserEntity {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: String })
  username!: string;

  @Column({ type: 'simple-json' })
  roles!: string[];

  @Column({ name: 'fhir_user', type: String, nullable: true })
  fhirUser!: string | null;

  @Column({ type: Boolean })
  enabled!: boolean;

  @Column({ type: Number })
  version!: number;

  @Column({ name: 'created_at', type: Number })
  createdAt!: number;

  @Column({ name: 'updated_at', type: Number })
  updatedAt!: number;

  /** Name of the source that the account comes from; null: it is of this server. */
  @Column({ type: String, nullable: true })
  source!: string | null;

  /** Who it is there. */
  @Column({ name: 'source_id', type: String, nullable: true })
  sourceId!: string | null;

  /** Whether the source had this user, enabled, when it was asked last. */
  @Column({ name: 'source_active', type: Boolean, nullable: true })
  sourceActive!: boolean | null;

  /** Milliseconds since the epoch. */
  @Column({ name: 'source_checked_at', type: Number, nullable: true })
  sourceCheckedAt!: number | null;
}

/** Apart from the account, so that no query for users brings a hash along. */
@Entity({ name: 'user_credential' })
export class CredentialEntity {
  @PrimaryColumn({ type: String })
  username!: string;

  @Column({ name: 'password_hash', type: String })
  passwordHash!: string;

  /** Counts up with every new password. */
  @Column({ type: Number })
  generation!: number;
}

/** Every name that a user or client has or had: one name space for both, and nothing in it is given out twice. */
@Entity({ name: 'reserved_name' })
export class ReservedNameEntity {
  @PrimaryColumn({ type: String })
  name!: string;

  @Column({ type: String })
  kind!: 'user' | 'client';

  @Column({ name: 'created_at', type: Number })
  createdAt!: number;
}
