import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'access_role' })
export class RoleEntity {
  @PrimaryColumn({ type: String })
  name!: string;

  @Column({ type: String })
  description!: string;

  /** JSON. */
  @Column({ type: String })
  rules!: string;

  @Column({ type: Number })
  version!: number;

  @Column({ name: 'created_at', type: Number })
  createdAt!: number;

  @Column({ name: 'updated_at', type: Number })
  updatedAt!: number;
}
